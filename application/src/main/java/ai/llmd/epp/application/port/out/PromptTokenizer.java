package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.facts.TokenizedPrompt.Feature;
import ai.llmd.epp.domain.request.ApiKind;
import java.time.Duration;
import java.util.List;

/** Finds the tokens of prompts as the model's own servers do. Any thread. */
public interface PromptTokenizer extends AutoCloseable {

  /** Whether requests of this API can be read. */
  boolean reads(ApiKind api);

  /** How long {@link #tokenize} takes at most. */
  Duration limit(ApiKind api);

  /**
   * Reads one request. Takes as long as it takes, within the limit; runs on a virtual thread.
   *
   * @throws ai.llmd.epp.domain.calls.WithoutResultException when the tokens cannot be had, with a
   *     reason that holds nothing of the request
   * @throws InterruptedException when they are not wanted any more
   */
  List<Tokens> tokenize(Asked asked) throws InterruptedException;

  @Override
  void close();

  /**
   * A request whose tokens are wanted.
   *
   * @param incomingModel as the body names it
   * @param model that will be served
   * @param body as the client sent it; not changed
   * @param authorization of the client, empty for none
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Asked(ApiKind api, String incomingModel, String model, byte[] body, String authorization) {

    /** Names the API and the size, never the prompt or who sent it. */
    @Override
    public String toString() {
      return "Asked[" + api + ", " + body.length + " bytes]";
    }
  }

  /**
   * One prompt. The array is not changed.
   *
   * @param ids unsigned
   * @param features its media, in the order of their first token
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Tokens(int[] ids, List<Feature> features) {

    public Tokens {
      features = List.copyOf(features);
    }

    /** Names the size, never the tokens. */
    @Override
    public String toString() {
      return "Tokens[" + ids.length + "]";
    }
  }
}
