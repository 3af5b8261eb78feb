package ai.llmd.epp.adapter.tokenizers.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FirstCharactersTest {

  @Test
  void findsWhatALookAtEveryCharacterFinds() {
    Random random = new Random(4);
    for (int round = 0; round < 2_000; round++) {
      Set<Character> characters = new HashSet<>();
      for (int i = random.nextInt(20); i > 0; i--) {
        characters.add((char) ('a' + random.nextInt(40)));
      }
      String text = text(random);
      FirstCharacters.Search search = new FirstCharacters(characters).in(text);
      for (int at = 0; at <= text.length(); at += 1 + random.nextInt(3)) {
        assertThat(search.from(at)).isEqualTo(expected(text, at, characters));
      }
    }
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(60); i > 0; i--) {
      text.append((char) ('a' + random.nextInt(80)));
    }
    return text.toString();
  }

  private static int expected(String text, int from, Set<Character> characters) {
    int at = from;
    while (at < text.length() && !characters.contains(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
