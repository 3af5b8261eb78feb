package ai.llmd.epp.simulator.text;

import java.util.random.RandomGenerator;

/** Utters random words, each of them one token. */
public final class Babbler {

  private static final String[] WORDS = {
    "a",
    "answer",
    "and",
    "batch",
    "before",
    "block",
    "by",
    "cache",
    "every",
    "few",
    "for",
    "from",
    "good",
    "has",
    "in",
    "is",
    "it",
    "large",
    "little",
    "long",
    "many",
    "model",
    "more",
    "new",
    "next",
    "no",
    "of",
    "often",
    "on",
    "one",
    "only",
    "order",
    "other",
    "out",
    "prompt",
    "question",
    "queue",
    "quick",
    "reply",
    "said",
    "server",
    "short",
    "simple",
    "slow",
    "so",
    "some",
    "that",
    "the",
    "then",
    "they",
    "this",
    "time",
    "to",
    "token",
    "two",
    "under",
    "use",
    "wait",
    "was",
    "when",
    "where",
    "which",
    "with",
    "word"
  };

  private final RandomGenerator random;

  /**
   * @param random decides the words; used on the thread that calls {@link #utter}
   */
  public Babbler(RandomGenerator random) {
    this.random = random;
  }

  /** A text of exactly so many tokens. */
  public TokenizedText utter(int tokens) {
    StringBuilder text = new StringBuilder(tokens * 6);
    for (int i = 0; i < tokens; i++) {
      if (i > 0) {
        text.append(' ');
      }
      text.append(WORDS[random.nextInt(WORDS.length)]);
    }
    return Tokenizer.tokenize(text.toString());
  }
}
