/** Where the store says what an operator should know. */
export interface MongoLog {
  warn(figures: object, message: string): void;
  error(figures: object, message: string): void;
}
