package ai.llmd.epp.adapter.k8s.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** A named priority, which requests choose. */
@Group("llm-d.ai")
@Version("v1alpha2")
@Kind("InferenceObjective")
@Plural("inferenceobjectives")
public class InferenceObjectiveResource
    extends CustomResource<InferenceObjectiveSpec, ConditionsStatus> implements Namespaced {

  private static final long serialVersionUID = 1L;
}
