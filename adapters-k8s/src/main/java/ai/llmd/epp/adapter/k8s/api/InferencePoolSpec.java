package ai.llmd.epp.adapter.k8s.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pool wants.
 *
 * @param selector which pods of the namespace belong
 * @param targetPorts ports of each pod, one endpoint each; 1 to 8
 * @param appProtocol {@code http} or {@code kubernetes.io/h2c}
 * @param endpointPickerRef the picker's service, for the gateway
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record InferencePoolSpec(
    @Nullable Selector selector,
    @Nullable List<Port> targetPorts,
    @Nullable String appProtocol,
    @Nullable PickerRef endpointPickerRef) {

  /**
   * Labels that must have exactly these values.
   *
   * @param matchLabels 1 to 64
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Selector(@Nullable Map<String, String> matchLabels) {}

  /**
   * A port.
   *
   * @param number 1 to 65535
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Port(@Nullable Integer number) {}

  /**
   * Where the gateway finds the picker.
   *
   * @param group empty for the core group
   * @param kind {@code Service} by default
   * @param port needed for a service
   * @param failureMode {@code FailOpen} or {@code FailClose}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record PickerRef(
      @Nullable String group,
      @Nullable String kind,
      @Nullable String name,
      @Nullable Port port,
      @Nullable String failureMode) {}
}
