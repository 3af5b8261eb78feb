package ai.llmd.epp.adapter.k8s.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which models are served by which others.
 *
 * @param rules in the order in which they are looked at
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record InferenceModelRewriteSpec(@Nullable PoolRef poolRef, @Nullable List<Rule> rules) {

  /**
   * One rule.
   *
   * @param matches any of them may hold; none means every model
   * @param targets what is served instead
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Rule(@Nullable List<Match> matches, @Nullable List<Target> targets) {}

  /** One condition. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Match(@Nullable ModelMatch model) {}

  /**
   * A model's name.
   *
   * @param type {@code Exact}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ModelMatch(@Nullable String type, @Nullable String value) {}

  /**
   * What is served.
   *
   * @param weight 1 to 1,000,000, relative to the rule's other targets
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Target(@Nullable Integer weight, @Nullable String modelRewrite) {}
}
