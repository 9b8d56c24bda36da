import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';

export const writeRequestBodySchema = {
  type: 'object',
  required: ['target', 'patch'],
  additionalProperties: false,
  properties: {
    op: { type: 'string', enum: ['update', 'create'], default: 'update' },
    target: {
      type: 'object', required: ['recordType'], additionalProperties: false,
      description: 'The record: by id, or by key, which is its natural key or {system, code, site}. A create names its type only.',
      properties: {
        recordType: { type: 'string', example: 'item' },
        id: { type: 'string', format: 'uuid', example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f' },
        key: { type: 'object', additionalProperties: true, example: { code: 'ACT-500' } },
        localKey: { type: 'string', maxLength: 120, description: 'Create only: the code that it shall get in the owning system; default: its natural key.', example: '100500' },
      },
    },
    ifMatch: { type: 'string', description: 'ETag of the record that was read; needed to update. "*" for any version.', example: '"v3"' },
    patch: { type: 'object', additionalProperties: true, description: 'Merge patch; for a create the attributes.', example: { description: { en: 'Actuator 500 mm, 24 V' } } },
    reason: { type: 'string', maxLength: 500, example: 'Renamed by marketing.' },
  },
};

/** Why somebody decides as it does. */
export class DecisionBody {
  @ApiPropertyOptional({ type: String, maxLength: 500, example: 'Checked with the plant.' })
  @IsOptional() @IsString() @Length(1, 500)
  reason?: string;
}
