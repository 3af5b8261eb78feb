package ai.llmd.epp.simulator.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TokenizerTest {

  @Test
  void cutsWordsAndOtherCharactersWithTheSpaceBehindThem() {
    assertThat(pieces(" Hello, big  world!\nné"))
        .containsExactly(" ", "Hello", ", ", "big  ", "world", "!\n", "n", "é");
  }

  @Test
  void cutsLongWords() {
    assertThat(pieces("a".repeat(40))).extracting(String::length).containsExactly(16, 16, 8);
  }

  @Test
  void hashesPiecesWithFnv1a() {
    assertThat(Tokenizer.tokenize("a").ids()).containsExactly(0xE40C292C);
    assertThat(Tokenizer.tokenize("foobar").ids()).containsExactly(0xBF9CF968);
  }

  @RepeatedTest(20)
  void findsThePiecesOfATextAgain(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      text.appendCodePoint("ab1_ .,\n\té中\uD83D\uDE00".codePointAt(random.nextInt(11)));
    }
    TokenizedText whole = Tokenizer.tokenize(text.toString());

    int cut = random.nextInt(whole.size());
    TokenList halves = new TokenList();
    Tokenizer.tokenize(whole.between(0, cut), halves);
    Tokenizer.tokenize(whole.between(cut, whole.size()), halves);

    assertThat(String.join("", pieces(text.toString()))).isEqualTo(text.toString());
    assertThat(halves.toArray()).isEqualTo(whole.ids());
  }

  @Test
  void uttersExactlyAsManyTokensAsAsked() {
    Babbler babbler = new Babbler(new Random(1));

    for (int tokens : new int[] {0, 1, 2, 100}) {
      assertThat(babbler.utter(tokens).size()).isEqualTo(tokens);
    }
  }

  private static List<String> pieces(String text) {
    TokenizedText tokens = Tokenizer.tokenize(text);
    List<String> pieces = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      pieces.add(tokens.between(i, i + 1));
    }
    return pieces;
  }
}
