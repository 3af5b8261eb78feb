package ai.llmd.epp.adapter.k8s.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How important the requests are that name the objective.
 *
 * @param priority higher is served first, below 0 may be shed; null counts as 0
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record InferenceObjectiveSpec(@Nullable Integer priority, @Nullable PoolRef poolRef) {}
