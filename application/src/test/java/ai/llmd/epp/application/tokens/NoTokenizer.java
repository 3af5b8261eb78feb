package ai.llmd.epp.application.tokens;

import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.domain.request.ApiKind;
import java.time.Duration;
import java.util.List;

/** Reads nothing. */
public final class NoTokenizer implements PromptTokenizer {

  /** Makes nothing else. */
  public static final PromptTokenizers FOR_ALL =
      new PromptTokenizers() {
        @Override
        public PromptTokenizer vllm(Vllm settings) {
          return new NoTokenizer();
        }

        @Override
        public PromptTokenizer local(Local settings) {
          return new NoTokenizer();
        }
      };

  @Override
  public boolean reads(ApiKind api) {
    return false;
  }

  @Override
  public Duration limit(ApiKind api) {
    return Duration.ofSeconds(1);
  }

  @Override
  public List<Tokens> tokenize(Asked asked) {
    return List.of();
  }

  @Override
  public void close() {}
}
