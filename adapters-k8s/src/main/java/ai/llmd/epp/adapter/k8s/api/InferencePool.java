package ai.llmd.epp.adapter.k8s.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** Which pods serve, on which ports, and who picks among them. */
@Group("inference.networking.k8s.io")
@Version("v1")
@Plural("inferencepools")
@ShortNames("infpool")
public final class InferencePool extends CustomResource<InferencePoolSpec, InferencePoolStatus>
    implements Namespaced {

  private static final long serialVersionUID = 1L;
}
