/** Lines and columns, from 1, of offsets in a text: the line feeds are looked up once. */
export interface Lines {
  at(offset: number): {line: number; column: number};
}

export function createLines(text: string): Lines {
  let starts: number[] | undefined;
  return {
    at(offset) {
      if (!starts) {
        starts = [0];
        for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
      }
      let [low, high] = [0, starts.length - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= offset) low = middle;
        else high = middle - 1;
      }
      return {line: low + 1, column: offset - starts[low]! + 1};
    },
  };
}
