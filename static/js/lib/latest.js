// Questions that come faster than answers: one is in flight, one waits, and the one that waits is always the
// latest. Questions are numbered; the receiver never gets an answer after a newer one.

export class Latest {
  #answer;
  #receive;
  #fail;
  #running = null;
  #waiting = null;
  #asked = 0;
  #received = 0;

  /**
   * @param answer  async (question, signal) → answer
   * @param receive (answer, question) → void
   * @param fail    (error, question) → void; not called for what was aborted
   */
  constructor(answer, receive, fail) {
    this.#answer = answer;
    this.#receive = receive;
    this.#fail = fail;
  }

  get isIdle() {
    return this.#running === null;
  }

  /** Ask; with *jump* the question in flight is of no more use and is aborted. */
  ask(question, { jump = false } = {}) {
    this.#asked += 1;
    this.#waiting = { question, number: this.#asked, abort: new AbortController() };
    if (jump) this.#running?.abort.abort();
    if (!this.#running || jump) this.#next();
  }

  /** Nothing of what was asked is wanted any more. */
  cancel() {
    this.#waiting = null;
    this.#running?.abort.abort();
    this.#running = null;
    this.#received = this.#asked;
  }

  #next() {
    const turn = this.#waiting;
    this.#waiting = null;
    this.#running = turn;
    if (turn) this.#run(turn);
  }

  async #run(turn) {
    try {
      const answer = await this.#answer(turn.question, turn.abort.signal);
      this.#done(turn);
      if (turn.number > this.#received && !turn.abort.signal.aborted) {
        this.#received = turn.number;
        this.#receive(answer, turn.question);
      }
    } catch (error) {
      this.#done(turn);
      if (turn.number > this.#received && !turn.abort.signal.aborted) this.#fail(error, turn.question);
    }
  }

  #done(turn) {
    if (this.#running === turn) this.#next();
  }
}
