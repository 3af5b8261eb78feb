package ai.llmd.epp.adapter.files.objects;

import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.SourceLocation;
import ai.llmd.epp.yaml.Value;
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
   * @param metadata of the list itself; not used
   */
  record Items(LocatedText apiVersion, LocatedText kind, Value metadata, List<Value> items) {}

  record Objective(
      SourceLocation spot,
      LocatedText apiVersion,
      LocatedText kind,
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
      SourceLocation spot,
      LocatedText apiVersion,
      LocatedText kind,
      Metadata metadata,
      @Nullable RewriteSpec spec,
      Value status)
      implements Document {

    @Override
    public @Nullable PoolRef poolRef() {
      return spec == null ? null : spec.poolRef;
    }
  }

  record RewriteSpec(
      SourceLocation spot, @Nullable PoolRef poolRef, @Nullable List<RuleSpec> rules) {}

  record RuleSpec(
      SourceLocation spot, @Nullable List<MatchSpec> matches, @Nullable List<TargetSpec> targets) {}

  record MatchSpec(SourceLocation spot, @Nullable ModelMatch model) {}

  record ModelMatch(SourceLocation spot, LocatedText type, LocatedText value) {}

  record TargetSpec(SourceLocation spot, Value weight, LocatedText modelRewrite) {}

  record PoolRef(LocatedText group, LocatedText kind, LocatedText name) {}

  /** Everything from {@code labels} on is what an exported object has, and is not used. */
  record Metadata(
      LocatedText name,
      LocatedText namespace,
      LocatedText creationTimestamp,
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
