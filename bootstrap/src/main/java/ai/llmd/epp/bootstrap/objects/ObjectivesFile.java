package ai.llmd.epp.bootstrap.objects;

import ai.llmd.epp.bootstrap.config.ConfigurationException;
import ai.llmd.epp.bootstrap.config.ConfigurationSource;
import ai.llmd.epp.bootstrap.config.Value;
import ai.llmd.epp.bootstrap.config.Value.Mistyped;
import ai.llmd.epp.domain.objective.InferenceObjective;
import org.jspecify.annotations.Nullable;

/** A file of InferenceObjectives. */
public final class ObjectivesFile
    extends ObjectFileReader<ObjectSchema.Objective, InferenceObjective> {

  private ObjectivesFile(ObjectOwner owner, String origin) {
    super("InferenceObjective", ObjectSchema.Objective.class, owner, origin);
  }

  /**
   * All objectives of the pool.
   *
   * @throws ConfigurationException with everything that is wrong, and where
   */
  public static ReadObjects<InferenceObjective> read(ConfigurationSource source, ObjectOwner owner)
      throws ConfigurationException {
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
