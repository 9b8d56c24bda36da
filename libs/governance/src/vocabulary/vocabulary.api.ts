import { Controller } from '@nestjs/common';
import { Resolver } from '@nestjs/graphql';
import { recordController, recordResolver, viewsOf } from '@datum/governed';
import { vocabularyTermRecord } from './vocabulary-term.record.js';

@Controller({ path: 'vocabulary-terms', version: '1' })
export class VocabularyTermController extends recordController(vocabularyTermRecord) {}

@Resolver(() => viewsOf(vocabularyTermRecord).view)
export class VocabularyTermResolver extends recordResolver(vocabularyTermRecord) {}
