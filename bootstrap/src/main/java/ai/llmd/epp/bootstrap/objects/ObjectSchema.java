package ai.llmd.epp.bootstrap.objects;

import ai.llmd.epp.bootstrap.config.Spot;
import ai.llmd.epp.bootstrap.config.Text;
import ai.llmd.epp.bootstrap.config.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The objects as they are written. Field names are the component names. */
final class ObjectSchema {

  private ObjectSchema() {}

  /** What all objects have. */
  interface Document {

    Metadata metadata();

    @Nullable PoolRef poolRef();
  }

  /**
   * @param metadata of the list itself; says nothing here
   */
  record Items(Text apiVersion, Text kind, Value metadata, List<Value> items) {}

  record Objective(
      Spot spot,
      Text apiVersion,
      Text kind,
      Metadata metadata,
      @Nullable ObjectiveSpec spec,
      Value status)
      implements Document {

    @Override
    public @Nullable PoolRef poolRef() {
      return spec == null ? null : spec.poolRef;
    }
  }

  record ObjectiveSpec(@Nullable PoolRef poolRef, Value priority) {}

  record Rewrite(
      Spot spot,
      Text apiVersion,
      Text kind,
      Metadata metadata,
      @Nullable RewriteSpec spec,
      Value status)
      implements Document {

    @Override
    public @Nullable PoolRef poolRef() {
      return spec == null ? null : spec.poolRef;
    }
  }

  record RewriteSpec(Spot spot, @Nullable PoolRef poolRef, @Nullable List<RuleSpec> rules) {}

  record RuleSpec(
      Spot spot, @Nullable List<MatchSpec> matches, @Nullable List<TargetSpec> targets) {}

  record MatchSpec(Spot spot, @Nullable ModelMatch model) {}

  record ModelMatch(Spot spot, Text type, Text value) {}

  record TargetSpec(Spot spot, Value weight, Text modelRewrite) {}

  record PoolRef(Text group, Text kind, Text name) {}

  /** Everything from {@code labels} on is what an exported object has, and says nothing here. */
  record Metadata(
      Text name,
      Text namespace,
      Text creationTimestamp,
      Value labels,
      Value annotations,
      Value uid,
      Value resourceVersion,
      Value generation,
      Value managedFields,
      Value ownerReferences,
      Value finalizers,
      Value selfLink) {}
}
