package ai.llmd.epp.adapter.k8s.api;

import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** The same in the group of the time before llm-d. */
@Group("inference.networking.x-k8s.io")
@Version("v1alpha2")
@Kind("InferenceObjective")
@Plural("inferenceobjectives")
public final class LegacyInferenceObjectiveResource extends InferenceObjectiveResource {

  private static final long serialVersionUID = 1L;
}
