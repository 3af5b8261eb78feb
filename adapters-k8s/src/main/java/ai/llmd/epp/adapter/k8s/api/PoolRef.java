package ai.llmd.epp.adapter.k8s.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The pool that an object is about, in the object's own namespace.
 *
 * @param group {@code inference.networking.k8s.io} by default
 * @param kind {@code InferencePool} by default; not compared
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record PoolRef(@Nullable String group, @Nullable String kind, @Nullable String name) {

  static final String DEFAULT_GROUP = "inference.networking.k8s.io";

  /** Whether it means the pool of this group and name. */
  public boolean isTo(String poolGroup, String poolName) {
    return poolName.equals(name) && poolGroup.equals(group == null ? DEFAULT_GROUP : group);
  }
}
