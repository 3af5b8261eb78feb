package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.Arrays;
import java.util.List;

/**
 * The fields that all JSON requests share: the model, whether to stream, how many tokens to
 * generate at most. Keys count in exact case only; of a repeated key the last value counts.
 */
public final class Envelope implements JsonBody.Members {

  private final List<String> capKeys;
  private final double[] caps;
  private final ModelRewriter.Places modelPlaces = new ModelRewriter.Places();
  private BodyText model = BodyText.EMPTY;
  private boolean isStreaming;

  /**
   * @param capKeys where the output cap stands, in order of preference
   */
  public Envelope(List<String> capKeys) {
    this.capKeys = capKeys;
    this.caps = new double[capKeys.size()];
    Arrays.fill(caps, Double.NaN);
  }

  @Override
  public boolean read(JsonScanner json) {
    if (json.keyIs("model")) {
      readModel(json);
      return true;
    }
    if (json.keyIs("stream")) {
      isStreaming = json.kind() == JsonKind.TRUE;
      json.skip();
      return true;
    }
    for (int i = 0; i < caps.length; i++) {
      if (json.keyIs(capKeys.get(i))) {
        caps[i] = number(json);
        return true;
      }
    }
    return false;
  }

  private void readModel(JsonScanner json) {
    int start = json.position();
    if (json.kind() == JsonKind.STRING) {
      model = BodyText.read(json);
    } else {
      model = BodyText.EMPTY;
      json.skip();
    }
    modelPlaces.add(start, json.position());
  }

  /** The number that stands here; NaN when it is something else. */
  public static double number(JsonScanner json) {
    if (json.kind() == JsonKind.NUMBER) {
      return json.number();
    }
    json.skip();
    return Double.NaN;
  }

  public String model() {
    return model.name();
  }

  public boolean isStreaming() {
    return isStreaming;
  }

  /** The first key's value that can be a cap; -1 when there is none. */
  public long outputTokenCap() {
    for (double cap : caps) {
      if (isCap(cap)) {
        return (long) cap;
      }
    }
    return -1;
  }

  public static boolean isCap(double number) {
    return number >= 0 && number == Math.rint(number) && !Double.isInfinite(number);
  }

  /**
   * How the model is renamed in this body.
   *
   * @param bodyStart place of the body's opening brace
   */
  public ModelRenaming modelRenaming(byte[] body, int bodyStart) {
    return new ModelRewriter(modelPlaces, body, bodyStart);
  }
}
