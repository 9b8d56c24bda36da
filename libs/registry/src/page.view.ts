import { ApiProperty } from '@nestjs/swagger';
import { CredentialView, ParticipantView } from './participant.view.js';
import { SiteView } from './site.view.js';
import { SystemView } from './system.view.js';

class RegistryPageInfo {
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Null on the last page.' })
  nextCursor: string | null;

  @ApiProperty({ type: Boolean, example: false })
  hasMore: boolean;
}

export class SitePage {
  @ApiProperty({ type: [SiteView] })
  data: SiteView[];

  @ApiProperty({ type: RegistryPageInfo })
  page: RegistryPageInfo;
}

export class SystemPage {
  @ApiProperty({ type: [SystemView] })
  data: SystemView[];

  @ApiProperty({ type: RegistryPageInfo })
  page: RegistryPageInfo;
}

export class ParticipantPage {
  @ApiProperty({ type: [ParticipantView] })
  data: ParticipantView[];

  @ApiProperty({ type: RegistryPageInfo })
  page: RegistryPageInfo;
}

export class CredentialPage {
  @ApiProperty({ type: [CredentialView] })
  data: CredentialView[];

  @ApiProperty({ type: RegistryPageInfo })
  page: RegistryPageInfo;
}
