import type { ValidationError } from '@nestjs/common';
import { invalid, type AppError, type FieldProblem } from '../errors/app-error.js';
import { pointer } from './pointer.js';

const problemsMax = 51;

/** For `new ValidationPipe({ exceptionFactory: validationProblem })`: 422 with one pointer per broken rule. */
export function validationProblem(errors: readonly ValidationError[]): AppError {
  const problems: FieldProblem[] = [];
  const open = errors.map((error) => ({ error, path: [error.property] })).reverse();
  while (open.length > 0 && problems.length < problemsMax) {
    const { error, path } = open.pop()!;
    for (const [rule, text] of Object.entries(error.constraints ?? {})) problems.push(toFieldProblem(path, rule, text));
    const children = (error.children ?? []).map((child) => ({ error: child, path: [...path, child.property] }));
    open.push(...children.reverse());
  }
  return invalid('Some values are not accepted.', problems);
}

function toFieldProblem(path: string[], rule: string, text: string): FieldProblem {
  if (rule === 'whitelistValidation') {
    return { pointer: pointer(...path), code: 'attribute.unknown', detail: 'There is no attribute of this name that can be set here.' };
  }
  const code = `value.${rule.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return { pointer: pointer(...path), code, detail: text };
}
