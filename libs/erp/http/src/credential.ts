import { ErpFailure } from '@datum/write-back';

/** Looks a secret up by its reference name. Called anew for every log-in, so that a rotated secret is picked up without a restart. */
export type SecretSource = (name: string) => string | Promise<string>;

/**
 * A secret known by name only. Once an ERP has refused a value, that value is not sent again by this adapter: repeated refusals lock
 * integration users out. It is tried again when the secret has changed, or by a new adapter.
 */
export class Credential {
  private refused: string | undefined;

  constructor(
    private readonly name: string,
    private readonly source: SecretSource,
  ) {}

  /** @throws ErpFailure `auth` when there is no such secret or the ERP has refused this value already. */
  async value(): Promise<string> {
    const secret = await this.source(this.name);
    if (!secret) throw new ErpFailure('auth', `There is no secret named ${this.name}.`);
    if (secret === this.refused) {
      throw new ErpFailure('auth', `The ERP has refused the secret ${this.name}; it is not tried again until it is changed.`);
    }
    return secret;
  }

  /** Notes that the ERP refused this value. */
  refuse(secret: string): void {
    this.refused = secret;
  }
}
