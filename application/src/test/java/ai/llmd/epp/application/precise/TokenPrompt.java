package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.request.ByteSink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** One prompt of these tokens. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TokenPrompt(int[] ids) implements TokenizedPrompt {

  @Override
  public int prompts() {
    return 1;
  }

  @Override
  public int tokens(int prompt) {
    return ids.length;
  }

  @Override
  public void writeTokens(int prompt, ByteSink sink) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(ids);
    sink.write(bytes.array(), 0, bytes.capacity());
  }

  @Override
  public String cacheSalt() {
    return "";
  }

  @Override
  public List<Feature> features(int prompt) {
    return List.of();
  }
}
