package ai.llmd.epp.application.tokens;

import ai.llmd.epp.application.port.out.PromptTokenizer.Tokens;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.ByteSink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/** Prompts as the tokens that a tokenizer found. Immutable. */
record ExactPrompt(List<Tokens> found, String cacheSalt) implements TokenizedPrompt {

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** Tokens that are written at once: a kilobyte. */
  private static final int CUT = 256;

  @Override
  public int prompts() {
    return found.size();
  }

  @Override
  public int tokens(int prompt) {
    return found.get(prompt).ids().length;
  }

  @Override
  public void writeTokens(int prompt, ByteSink sink) {
    int[] ids = found.get(prompt).ids();
    byte[] cut = new byte[Integer.BYTES * Math.min(ids.length, CUT)];
    for (int at = 0; at < ids.length && !sink.isFull(); at += CUT) {
      int count = Math.min(CUT, ids.length - at);
      for (int i = 0; i < count; i++) {
        INTS.set(cut, Integer.BYTES * i, ids[at + i]);
      }
      sink.write(cut, 0, Integer.BYTES * count);
    }
  }

  @Override
  public List<Feature> features(int prompt) {
    return found.get(prompt).features();
  }

  /** Names the number of prompts, never their tokens. */
  @Override
  public String toString() {
    return "ExactPrompt[" + found.size() + " prompts]";
  }
}
