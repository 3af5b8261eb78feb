package ai.llmd.epp.adapter.tokenizers.local;

import java.util.BitSet;
import java.util.Collection;

/**
 * Finds in a text the characters that special tokens begin with. These are a few in most models: a
 * few are searched for one by one, which the JVM does many characters of the text at once.
 */
final class FirstCharacters {

  private static final int MAX_SEARCHED = 8;

  private final BitSet set = new BitSet();

  FirstCharacters(Collection<Character> characters) {
    characters.forEach(character -> set.set(character));
  }

  /** The way through one text. One thread. */
  Search in(String text) {
    return set.cardinality() <= MAX_SEARCHED ? new ByEach(text, set) : new ByPlace(text, set);
  }

  /** Where the characters are in a text. */
  interface Search {

    /**
     * The first place of one of them, from a place on; the text's length if there is none.
     *
     * @param place no smaller than the last time
     */
    int from(int place);
  }

  /** Keeps where each of them is next. */
  private static final class ByEach implements Search {

    private final String text;
    private final int[] characters;
    private final int[] next;

    ByEach(String text, BitSet set) {
      this.text = text;
      this.characters = set.stream().toArray();
      this.next = new int[characters.length];
      for (int i = 0; i < next.length; i++) {
        next[i] = search(i, 0);
      }
    }

    private int search(int i, int place) {
      int found = text.indexOf(characters[i], place);
      return found < 0 ? text.length() : found;
    }

    @Override
    public int from(int place) {
      int first = text.length();
      for (int i = 0; i < next.length; i++) {
        if (next[i] < place) {
          next[i] = search(i, place);
        }
        first = Math.min(first, next[i]);
      }
      return first;
    }
  }

  /** Looks at each character of the text. */
  private record ByPlace(String text, BitSet set) implements Search {

    @Override
    public int from(int place) {
      int at = place;
      while (at < text.length() && !set.get(text.charAt(at))) {
        at++;
      }
      return at;
    }
  }
}
