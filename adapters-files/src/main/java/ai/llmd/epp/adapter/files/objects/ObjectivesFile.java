package ai.llmd.epp.adapter.files.objects;

import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.Value;
import ai.llmd.epp.yaml.Value.Mistyped;
import ai.llmd.epp.yaml.YamlSource;
import org.jspecify.annotations.Nullable;

/** A file of InferenceObjectives. */
final class ObjectivesFile extends ObjectFileReader<ObjectSchema.Objective, InferenceObjective> {

  private ObjectivesFile(ObjectOwner owner, String origin) {
    super("InferenceObjective", ObjectSchema.Objective.class, owner, origin);
  }

  /**
   * All objectives of the pool.
   *
   * @throws InvalidDocumentException with everything that is wrong, and where
   */
  static ReadObjects<InferenceObjective> read(YamlSource source, ObjectOwner owner)
      throws InvalidDocumentException {
    return new ObjectivesFile(owner, source.origin()).read(source);
  }

  @Override
  @Nullable InferenceObjective object(ObjectSchema.Objective document) {
    if (document.spec() == null) {
      problems.add(document.spot().field("spec"), "is required");
      return null;
    }
    Integer priority = priority(document.spec().priority());
    String name = document.metadata().name().value();
    return name.isEmpty() ? null : new InferenceObjective(name, priority);
  }

  private @Nullable Integer priority(Value given) {
    try {
      return given.isNothing()
          ? null
          : (Integer) (int) given.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
    } catch (Mistyped e) {
      problems.add(given.spot(), e.getMessage());
      return null;
    }
  }
}
