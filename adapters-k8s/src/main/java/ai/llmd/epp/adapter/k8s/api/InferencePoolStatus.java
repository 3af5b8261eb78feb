package ai.llmd.epp.adapter.k8s.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What gateways report of a pool; the picker reads none of it.
 *
 * @param parents one entry for each gateway, 32 at most
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record InferencePoolStatus(@Nullable List<Parent> parents) {

  /**
   * What one controller reports.
   *
   * @param controllerName a domain and a path
   * @param conditions one for each type, 8 at most
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Parent(
      @Nullable ParentRef parentRef,
      @Nullable String controllerName,
      @Nullable List<StatusCondition> conditions) {}

  /** Which gateway. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record ParentRef(
      @Nullable String group,
      @Nullable String kind,
      @Nullable String name,
      @Nullable String namespace) {}
}
