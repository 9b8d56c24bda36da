import { ApiProperty } from '@nestjs/swagger';
import { WriteRequestPageInfo } from '../write-request.view.js';
import type { InboundRefusal } from './inbound.repository.js';

export class InboundRefusalView {
  @ApiProperty({ type: String, format: 'uuid' }) id: string;
  @ApiProperty({ type: String, example: 'CE' }) system: string;
  @ApiProperty({ type: String, example: 'item' }) recordType: string;
  @ApiProperty({ type: String, example: '100500', description: 'The code in that system; * for its list of codes.' }) key: string;
  @ApiProperty({ type: String, nullable: true }) token: string | null;
  @ApiProperty({ type: Object, additionalProperties: true, description: 'The record as the system gave it.' }) raw: object;
  @ApiProperty({ type: Object, additionalProperties: true, description: 'Why it was refused.' }) problem: object;
  @ApiProperty({ type: 'integer', example: 1 }) occurrences: number;
  @ApiProperty({ type: String, format: 'date-time' }) firstAt: string;
  @ApiProperty({ type: String, format: 'date-time' }) lastAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) clearedAt: string | null;
}

export class InboundRefusalPageView {
  @ApiProperty({ type: [InboundRefusalView] }) data: InboundRefusal[];
  @ApiProperty({ type: WriteRequestPageInfo }) page: WriteRequestPageInfo;
}
