package ai.llmd.epp.acceptance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.k8s.LlmdKinds;
import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.api.InferencePoolSpec;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.AskedFor;
import ai.llmd.epp.adapter.k8s.server.Pods;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The roles grant what is asked for, and nothing else. */
class RightsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String EVENTS = "llm_d_epp_kubernetes_events_total";

  /** What a role grants: a verb for a kind, or for one object of it. */
  private static Set<AskedFor> granted(Manifests variant) {
    Set<AskedFor> granted = new HashSet<>();
    variant
        .all(Role.class)
        .flatMap(role -> role.getRules().stream())
        .forEach(rule -> granted.addAll(granted(rule)));
    return granted;
  }

  private static Set<AskedFor> granted(PolicyRule rule) {
    Set<AskedFor> granted = new HashSet<>();
    List<String> names = rule.getResourceNames().isEmpty() ? List.of("") : rule.getResourceNames();
    for (String verb : rule.getVerbs()) {
      for (String group : rule.getApiGroups()) {
        for (String resource : rule.getResources()) {
          names.forEach(name -> granted.add(new AskedFor(verb, group, resource, name)));
        }
      }
    }
    return granted;
  }

  /** What is asked for by a picker that sees a pod come, and its connections break. */
  private static Set<AskedFor> askedBy(Path folder, String group, boolean isPool, String... flags) {
    try (ApiServer server = new ApiServer()) {
      if (isPool) {
        LlmdKinds.install(server, group);
        server.client().resource(pool()).create();
      }
      server.client().resource(inDefault(1)).create();
      try (RunningPicker picker =
          RunningPicker.inKubernetes(
              Map.of(
                  "KUBECONFIG",
                  server.kubeconfig(folder).toString(),
                  "POD_NAME",
                  "epp-6d4b75cb6d-x7k2p"),
              flags)) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(picker.get("/readyz").body()).startsWith("ok\n"));
        server.breakConnections();
        // the client asks again when the mock, busy with broken watches, is slow to answer
        server.client().resource(inDefault(2)).createOr(NonDeletingOperation::update);
        await().atMost(PATIENCE).until(() -> picker.metrics().sum(EVENTS) > 0);
        if (isPool) {
          await().atMost(PATIENCE).until(() -> isAsked(server, "update", "leases"));
        }
        await()
            .atMost(PATIENCE)
            .until(() -> isAsked(server, "create", "events")); // pods are silent
        return server.askedFor();
      }
    }
  }

  private static boolean isAsked(ApiServer server, String verb, String resource) {
    return server.askedFor().stream()
        .anyMatch(asked -> asked.verb().equals(verb) && asked.resource().equals(resource));
  }

  private static Pod inDefault(int number) {
    Pod pod = Pods.ready(number);
    pod.getMetadata().setNamespace("default");
    return pod;
  }

  private static InferencePool pool() {
    InferencePool pool = new InferencePool();
    pool.setMetadata(new ObjectMetaBuilder().withNamespace("default").withName("llm").build());
    pool.setSpec(
        new InferencePoolSpec(
            new InferencePoolSpec.Selector(Pods.LABELS),
            List.of(new InferencePoolSpec.Port(8000)),
            "http",
            null));
    return pool;
  }

  @Test
  void ofALeaderAreThoseThatItUses(@TempDir Path folder) {
    String[] flags = {
      "--pool-name=llm", "--ha-enable-leader-election", "--metrics-endpoint-auth=false"
    };
    Set<AskedFor> asked = askedBy(folder, "llm-d.ai", true, flags);
    asked = union(asked, askedBy(folder, "inference.networking.x-k8s.io", true, flags));

    assertThat(asked).containsExactlyInAnyOrderElementsOf(granted(Manifests.of("gateway")));
  }

  @Test
  void ofActiveReplicasAreTheSameWithoutTheLease() {
    Set<AskedFor> leader = granted(Manifests.of("gateway"));
    leader.removeIf(asked -> asked.resource().equals("leases"));

    for (String variant : List.of("active-active-redis", "active-active-hazelcast")) {
      assertThat(granted(Manifests.of(variant))).as(variant).isEqualTo(leader);
    }
  }

  @Test
  void ofOneThatSelectsPodsAreThoseThatItUses(@TempDir Path folder) {
    Set<AskedFor> asked =
        askedBy(
            folder,
            "",
            false,
            "--endpoint-selector=app=vllm",
            "--endpoint-target-ports=8000",
            "--metrics-endpoint-auth=false");

    assertThat(asked).containsExactlyInAnyOrderElementsOf(granted(Manifests.of("standalone")));
  }

  private static Set<AskedFor> union(Set<AskedFor> one, Set<AskedFor> other) {
    Set<AskedFor> both = new HashSet<>(one);
    both.addAll(other);
    return both;
  }
}
