package ai.llmd.epp.adapter.k8s;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of llm-d's kinds the API server has, and in which group.
 *
 * @param current plural names in {@code llm-d.ai/v1alpha2}
 * @param legacy plural names in {@code inference.networking.x-k8s.io/v1alpha2}
 */
record ServedKinds(Set<String> current, Set<String> legacy) {

  static final String OBJECTIVES = "inferenceobjectives";
  static final String REWRITES = "inferencemodelrewrites";

  private static final Logger log = LoggerFactory.getLogger(ServedKinds.class);
  private static final String VERSION = "/v1alpha2";

  /** What there is where nobody may ask. */
  static final ServedKinds ASSUMED = new ServedKinds(Set.of(OBJECTIVES, REWRITES), Set.of());

  private static final String GROUP = "llm-d.ai";
  private static final String LEGACY_GROUP = "inference.networking.x-k8s.io";

  /** In which group a kind is looked for. */
  enum Home {
    CURRENT,
    LEGACY,
    NONE
  }

  ServedKinds {
    current = Set.copyOf(current);
    legacy = Set.copyOf(legacy);
  }

  /**
   * Asks the API server.
   *
   * @throws KubernetesClientException when it does not answer, or has begun so shortly ago that it
   *     does not know yet what it serves
   */
  static ServedKinds ask(KubernetesClient client) {
    ServedKinds served = new ServedKinds(plurals(client, GROUP), plurals(client, LEGACY_GROUP));
    if (!served.current.containsAll(ASSUMED.current)) {
      refuseAnswerOfABeginner(client);
    }
    return served;
  }

  private static void refuseAnswerOfABeginner(KubernetesClient client) {
    try {
      client.raw("/readyz");
    } catch (KubernetesClientException e) {
      if (e.getCode() == 0 || e.getCode() >= HttpURLConnection.HTTP_INTERNAL_ERROR) {
        throw e; // others tell nothing: who may not ask this may ask for objects all the same
      }
    }
  }

  private static Set<String> plurals(KubernetesClient client, String group) {
    @Nullable APIResourceList resources = client.getApiResources(group + VERSION);
    Set<String> plurals = new HashSet<>();
    if (resources != null) {
      for (APIResource resource :
          Objects.requireNonNullElse(resources.getResources(), List.<APIResource>of())) {
        plurals.add(resource.getName());
      }
    }
    return plurals;
  }

  /**
   * The preferred group, else the legacy one; logs it when that is worth knowing.
   *
   * @param hasLegacyObjects whether the legacy group, if it is served, has objects about the pool
   */
  Home of(String plural, BooleanSupplier hasLegacyObjects) {
    if (current.contains(plural)) {
      if (legacy.contains(plural) && hasLegacyObjects.getAsBoolean()) {
        log.atWarn()
            .addKeyValue("kind", plural)
            .log("objects in " + LEGACY_GROUP + " are ignored, since " + GROUP + " is installed");
      }
      return Home.CURRENT;
    }
    if (legacy.contains(plural)) {
      log.atWarn()
          .addKeyValue("kind", plural)
          .log("objects in " + LEGACY_GROUP + " are deprecated, use " + GROUP);
      return Home.LEGACY;
    }
    log.atWarn().addKeyValue("kind", plural).log("CRD is not installed, none will be used");
    return Home.NONE;
  }
}
