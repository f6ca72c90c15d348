// The layouts of the stage, in the order in which the keys walk through them.

export const LAYOUTS = ["2x2", "1", "1+3"];
