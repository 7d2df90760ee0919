import type { Static, TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';

/**
 * A schema's compiled check, made when it is first needed: there are more than a hundred, and to compile them all costs a
 * start more than everything else that it does.
 */
export class SchemaCheck<T extends TSchema> {
  private readonly schema: T;
  private compiled: TypeCheck<T> | undefined;

  constructor(schema: T) {
    this.schema = schema;
  }

  /** Whether a value is what the schema says. */
  Check(value: unknown): value is Static<T> {
    return this.get().Check(value);
  }

  /** What is wrong with a value. */
  Errors(value: unknown): ReturnType<TypeCheck<T>['Errors']> {
    return this.get().Errors(value);
  }

  private get(): TypeCheck<T> {
    this.compiled ??= TypeCompiler.Compile(this.schema);
    return this.compiled;
  }
}
