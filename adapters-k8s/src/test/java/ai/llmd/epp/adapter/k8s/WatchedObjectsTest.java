package ai.llmd.epp.adapter.k8s;

import static ai.llmd.epp.adapter.k8s.Following.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import ai.llmd.epp.application.port.out.objects.ObjectKind;
import ai.llmd.epp.application.port.out.objects.ObjectListener;
import ai.llmd.epp.application.port.out.objects.ObjectWatch;
import ai.llmd.epp.application.port.out.objects.WatchedObject;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Objects that plugins learn from; the numbers are those of the catalogue of cases. */
class WatchedObjectsTest {

  private static final ObjectKind SERVICE = new ObjectKind("", "v1", "Service");
  private static final ObjectKind CONFIG_MAP = new ObjectKind("", "v1", "ConfigMap");

  private final ApiServer server = new ApiServer();
  private final AtomicReference<List<ObjectWatch>> wanted = new AtomicReference<>(List.of());

  @AfterEach
  void close() {
    server.close();
  }

  /** Notes what it is given. */
  private static final class Notes implements ObjectListener {

    final List<String> events = new CopyOnWriteArrayList<>();
    final Map<String, WatchedObject> known = new ConcurrentHashMap<>();

    @Override
    public String type() {
      return "notes";
    }

    @Override
    public void changed(WatchedObject object) {
      known.put(object.name(), object);
      events.add("changed " + object.kind() + " " + object.namespace() + "/" + object.name());
    }

    @Override
    public void deleted(ObjectKind kind, String namespace, String name) {
      known.remove(name);
      events.add("deleted " + kind + " " + namespace + "/" + name);
    }

    WatchedObject known(String name) {
      return Objects.requireNonNull(known.get(name));
    }

    void await(String event) {
      org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> events.contains(event));
    }
  }

  private static final class Broken implements ObjectListener {

    @Override
    public String type() {
      return "broken";
    }

    @Override
    public void changed(WatchedObject object) {
      throw new IllegalStateException("broken");
    }

    @Override
    public void deleted(ObjectKind kind, String namespace, String name) {
      throw new IllegalStateException("broken");
    }
  }

  private static Service service(String name, String role) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withNamespace(Pods.NAMESPACE)
        .withName(name)
        .withLabels(Map.of("role", role))
        .endMetadata()
        .withNewSpec()
        .withExternalName("outside.example")
        .endSpec()
        .build();
  }

  private static ConfigMap configMap(String name) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(Pods.NAMESPACE)
        .withName(name)
        .endMetadata()
        .withData(Map.of("key", "value"))
        .build();
  }

  private Following following(ObjectWatch... watches) {
    wanted.set(List.of(watches));
    return Following.start(server, wanted::get);
  }

  @Test
  void dx01AreDeliveredWhenTheyComeChangeAndGo() {
    Notes notes = new Notes();
    server.client().resource(service("before", "x")).create();
    try (var following = following(new ObjectWatch(SERVICE, List.of(notes)))) {
      notes.await("changed Service.v1 serving/before");

      server.client().resource(service("later", "decode")).create();
      notes.await("changed Service.v1 serving/later");
      assertThat(notes.known("later").labels()).containsEntry("role", "decode");
      assertThat(notes.known("later").text("spec", "externalName")).isEqualTo("outside.example");
      assertThat(notes.known("later").text("spec", "externalName", "x")).isEmpty();
      assertThat(notes.known("later").text("spec")).isEmpty();

      server.client().resource(service("later", "prefill")).update();
      await()
          .atMost(PATIENCE)
          .until(() -> "prefill".equals(notes.known("later").labels().get("role")));

      server.client().resource(service("later", "prefill")).delete();
      notes.await("deleted Service.v1 serving/later");
      assertThat(notes.known).containsOnlyKeys("before");
      assertThat(following.status("services").isUpToDate()).isTrue();
    }
  }

  @Test
  void dx02PodsAreDeliveredBesideThePoolThatFollowsThem() {
    Notes notes = new Notes();
    server.client().resource(Pools.pool(8000)).create();
    try (var following = following(new ObjectWatch(ObjectKind.POD, List.of(notes)))) {
      server.client().resource(Pods.ready(1)).create();
      following.awaitNames("pod-1-rank-0");
      notes.await("changed Pod.v1 serving/pod-1");
      server.client().resource(Pods.ready(1)).delete();
      following.awaitNames();
      notes.await("deleted Pod.v1 serving/pod-1");
      assertThat(following.pool.statuses().stream().map(status -> status.kind()))
          .as("each kind is shown once")
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void dx04And05OneThatFailsKeepsNothingFromTheOthers() {
    Notes first = new Notes();
    Notes second = new Notes();
    server.client().resource(service("a", "x")).create();
    try (var following =
        following(new ObjectWatch(SERVICE, List.of(first, new Broken(), second)))) {
      first.await("changed Service.v1 serving/a");
      second.await("changed Service.v1 serving/a");
      server.client().resource(service("a", "x")).delete();
      second.await("deleted Service.v1 serving/a");
      assertThat(following.status("services").events()).isPositive();
    }
  }

  @Test
  void dx06EachKindGoesToItsOwn() {
    Notes services = new Notes();
    Notes maps = new Notes();
    server.client().resource(service("s", "x")).create();
    server.client().resource(configMap("m")).create();
    try (var following =
        following(
            new ObjectWatch(SERVICE, List.of(services)),
            new ObjectWatch(CONFIG_MAP, List.of(maps)))) {
      services.await("changed Service.v1 serving/s");
      maps.await("changed ConfigMap.v1 serving/m");
      assertThat(maps.known("m").text("data", "key")).isEqualTo("value");
      assertThat(services.events).noneMatch(event -> event.contains("ConfigMap"));
      assertThat(maps.events).noneMatch(event -> event.contains("Service"));
      assertThat(following.status("configmaps").events()).isNotNegative();
    }
  }

  @Test
  void followWhatTheConfigurationInForceAsksFor() {
    Notes first = new Notes();
    Notes second = new Notes();
    server.client().resource(service("a", "x")).create();
    server.client().resource(configMap("m")).create();
    try (var following = following(new ObjectWatch(SERVICE, List.of(first)))) {
      first.await("changed Service.v1 serving/a");

      wanted.set(
          List.of(
              new ObjectWatch(SERVICE, List.of(first, second)),
              new ObjectWatch(CONFIG_MAP, List.of(second))));
      second.await("changed Service.v1 serving/a");
      second.await("changed ConfigMap.v1 serving/m");
      assertThat(first.events).as("known already").hasSize(1);

      wanted.set(List.of());
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(following.pool.statuses())
                      .noneMatch(status -> status.kind().equals("services")));
    }
  }

  @Test
  void aKindThatMayNotBeReadDelaysNoOther() {
    server.forbid("/configmaps");
    Notes notes = new Notes();
    server.client().resource(service("a", "x")).create();
    server.client().resource(Pools.pool(8000)).create();
    server.client().resource(Pods.ready(1)).create();
    try (var following =
        following(
            new ObjectWatch(CONFIG_MAP, List.of(notes)),
            new ObjectWatch(SERVICE, List.of(notes)))) {
      notes.await("changed Service.v1 serving/a");
      following.awaitNames("pod-1-rank-0");
      assertThat(following.status("configmaps").isUpToDate()).isFalse();
    }
  }
}
