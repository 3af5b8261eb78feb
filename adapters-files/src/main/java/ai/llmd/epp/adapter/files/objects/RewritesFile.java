package ai.llmd.epp.adapter.files.objects;

import ai.llmd.epp.adapter.files.objects.ObjectSchema.MatchSpec;
import ai.llmd.epp.adapter.files.objects.ObjectSchema.ModelMatch;
import ai.llmd.epp.adapter.files.objects.ObjectSchema.RewriteSpec;
import ai.llmd.epp.adapter.files.objects.ObjectSchema.RuleSpec;
import ai.llmd.epp.adapter.files.objects.ObjectSchema.TargetSpec;
import ai.llmd.epp.domain.rewrite.ModelRewrite;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Value;
import ai.llmd.epp.yaml.Value.Mistyped;
import ai.llmd.epp.yaml.YamlSource;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of InferenceModelRewrites. One without a creation timestamp counts as made just after the
 * one before it, so that the order in the file decides.
 */
final class RewritesFile extends ObjectFileReader<ObjectSchema.Rewrite, ModelRewrite> {

  private static final String EXACT = "Exact";
  private static final int HEAVIEST = 1_000_000;
  private static final int LAST_YEAR = 9_999;

  private @Nullable Instant before;

  private RewritesFile(ObjectOwner owner, String origin) {
    super("InferenceModelRewrite", ObjectSchema.Rewrite.class, owner, origin);
  }

  /**
   * All rewrites of the pool.
   *
   * @throws InvalidDocumentException with everything that is wrong, and where
   */
  static ReadObjects<ModelRewrite> read(YamlSource source, ObjectOwner owner)
      throws InvalidDocumentException {
    return new RewritesFile(owner, source.origin()).read(source);
  }

  @Override
  @Nullable ModelRewrite object(ObjectSchema.Rewrite document) {
    Instant createdAt = createdAt(document.metadata().creationTimestamp());
    before = createdAt;
    RewriteSpec spec = document.spec();
    if (spec == null) {
      problems.add(document.spot().field("spec"), "is required");
      return null;
    }
    if (spec.rules() == null) {
      problems.add(spec.spot().field("rules"), "is required");
      return null;
    }
    List<ModelRewrite.Rule> rules = new ArrayList<>();
    spec.rules().forEach(rule -> rules.add(rule(rule)));
    String name = document.metadata().name().value();
    return name.isEmpty() ? null : new ModelRewrite(name, createdAt, rules);
  }

  private Instant createdAt(LocatedText given) {
    if (given.isEmpty()) {
      return before == null ? Instant.EPOCH : before.plusNanos(1);
    }
    try {
      OffsetDateTime time = OffsetDateTime.parse(given.value());
      if (time.getYear() >= 0 && time.getYear() <= LAST_YEAR) {
        return time.toInstant();
      }
    } catch (DateTimeException e) {
      // reported below
    }
    problems.add(
        given.spot(), "must be a time such as 2025-01-31T12:00:00Z, was " + quoted(given.value()));
    return Instant.EPOCH;
  }

  private ModelRewrite.Rule rule(RuleSpec rule) {
    List<ModelRewrite.Match> matches = new ArrayList<>();
    if (rule.matches() != null) {
      rule.matches().forEach(match -> matches.add(new ModelRewrite.Match(model(match))));
    }
    List<ModelRewrite.Target> targets = new ArrayList<>();
    if (rule.targets() != null) {
      if (rule.targets().isEmpty()) {
        problems.add(rule.spot().field("targets"), "must have an item when it is there");
      }
      rule.targets().forEach(target -> targets.add(target(target)));
    }
    return new ModelRewrite.Rule(matches, targets);
  }

  private @Nullable String model(MatchSpec match) {
    ModelMatch model = match.model();
    if (model == null) {
      problems.add(match.spot().field("model"), "is required");
      return null;
    }
    if (!model.type().isEmpty() && !model.type().value().equals(EXACT)) {
      problems.add(
          model.type().spot(), "must be " + EXACT + ", was " + quoted(model.type().value()));
    }
    if (model.value().isEmpty()) {
      problems.add(model.value().spot(), "is required");
    }
    return model.value().value();
  }

  private ModelRewrite.Target target(TargetSpec target) {
    if (target.modelRewrite().isEmpty()) {
      problems.add(target.modelRewrite().spot(), "is required");
    }
    return new ModelRewrite.Target(target.modelRewrite().value(), weight(target.weight()));
  }

  private @Nullable Integer weight(Value given) {
    try {
      return given.isNothing() ? null : (Integer) (int) given.integer(1, HEAVIEST);
    } catch (Mistyped e) {
      problems.add(given.spot(), e.getMessage());
      return null;
    }
  }
}
