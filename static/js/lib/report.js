// What became of an upload: the answers of its requests, added up.

export class Report {
  accepted = 0;
  duplicates = 0;
  refused = [];
  directories = [];
  #studies = new Set();

  /** Add a server's answer to POST /api/v1/uploads. */
  add(answer) {
    this.accepted += answer.accepted;
    this.duplicates += answer.duplicates;
    this.refused.push(...answer.refused);
    this.directories.push(...(answer.directories ?? []));
    for (const id of answer.studies) this.#studies.add(id);
  }

  /** Add a file that was not even sent. */
  refuse(name, reason) {
    this.refused.push({ name, reason });
  }

  get studies() {
    return [...this.#studies];
  }

  get isEmpty() {
    return !this.accepted && !this.duplicates && !this.refused.length && !this.directories.length;
  }
}
