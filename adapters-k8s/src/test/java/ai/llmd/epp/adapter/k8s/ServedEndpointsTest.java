package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServedEndpointsTest {

  private final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
  private final ServedEndpoints served = new ServedEndpoints();

  private static PodEndpoints pod(String name, String uid, String since, String address) {
    return new PodEndpoints(
        uid,
        since,
        List.of(Endpoint.of(new EndpointId("serving", name + "-rank-0"), address, 8000, Map.of())));
  }

  private void put(String name, String uid, String since, String address) {
    served.put(name, pod(name, uid, since, address));
    served.handOver(pool);
  }

  private void remove(String name) {
    served.put(name, PodEndpoints.NONE);
    served.handOver(pool);
  }

  private Map<String, String> addresses() {
    Map<String, String> addresses = new HashMap<>();
    PoolSnapshot now = pool.current();
    IntStream.range(0, now.size())
        .mapToObj(now::member)
        .map(EndpointState::endpoint)
        .forEach(endpoint -> addresses.put(endpoint.id().name(), endpoint.address()));
    return addresses;
  }

  private EndpointState only() {
    assertThat(pool.current().size()).isEqualTo(1);
    return pool.current().member(0);
  }

  @Test
  void leavesAnAddressToThePodThatHasTakenItOver() {
    put("old", "1", "10:00", "10.0.0.1");
    put("new", "2", "10:05", "10.0.0.1");

    assertThat(addresses()).containsExactly(Map.entry("new-rank-0", "10.0.0.1"));

    remove("new");
    assertThat(addresses()).as("until it is gone").containsOnlyKeys("old-rank-0");
  }

  @Test
  void givesAnAddressToNoPodThatHadItBefore() {
    put("new", "2", "10:05", "10.0.0.1");
    put("old", "1", "10:00", "10.0.0.1");

    assertThat(addresses()).containsExactly(Map.entry("new-rank-0", "10.0.0.1"));

    remove("old");
    assertThat(addresses()).containsOnlyKeys("new-rank-0");
  }

  @Test
  void takesTheLaterToldOfTwoThatBecameReadyInOneSecond() {
    put("a", "1", "10:00", "10.0.0.1");
    put("b", "2", "10:00", "10.0.0.1");

    assertThat(addresses()).containsOnlyKeys("b-rank-0");
  }

  @Test
  void knowsNothingOfAPodThatHasTakenAnothersName() {
    put("web-0", "1", "10:00", "10.0.0.1");
    EndpointState before = only();

    put("web-0", "2", "10:05", "10.0.0.9");

    assertThat(only().incarnation()).isGreaterThan(before.incarnation());
    assertThat(only().endpoint().address()).isEqualTo("10.0.0.9");
  }

  @Test
  void keepsWhatIsKnownOfAPodThatMoves() {
    put("web-0", "1", "10:00", "10.0.0.1");
    EndpointState before = only();

    put("web-0", "1", "10:00", "10.0.0.9");

    assertThat(only()).isSameAs(before);
  }

  @Test
  void swapsAddresses() {
    put("a", "1", "10:00", "10.0.0.1");
    put("b", "2", "10:00", "10.0.0.2");

    served.put("a", pod("a", "1", "10:01", "10.0.0.2"));
    served.put("b", pod("b", "2", "10:01", "10.0.0.1"));
    served.handOver(pool);

    assertThat(addresses()).isEqualTo(Map.of("a-rank-0", "10.0.0.2", "b-rank-0", "10.0.0.1"));
  }

  @Test
  void handsOverAgainWhatWasNotTaken() {
    KeepPool unwilling =
        new KeepPool() {
          @Override
          public void keep(Collection<Endpoint> endpoints) {
            throw new IllegalStateException("not now");
          }

          @Override
          public void change(Collection<EndpointId> gone, Collection<Endpoint> put) {
            throw new IllegalStateException("not now");
          }
        };
    put("a", "1", "10:00", "10.0.0.1");
    served.put("b", pod("b", "2", "10:00", "10.0.0.2"));
    served.put("a", PodEndpoints.NONE);
    assertThatThrownBy(() -> served.handOver(unwilling)).hasMessage("not now");

    served.handOver(pool);

    assertThat(addresses()).containsOnlyKeys("b-rank-0");
  }

  /** Whatever happens, each address has one owner, and it is the one that was ready last. */
  @Test
  void everyAddressHasTheOwnerThatBecameReadyLast() {
    for (int seed = 0; seed < 200; seed++) {
      ServedEndpoints followed = new ServedEndpoints();
      LivePool live = new LivePool("p", List.of(), PluginFaults.IGNORED);
      Random random = new Random(seed);
      Map<String, PodEndpoints> all = new HashMap<>();
      for (int step = 0; step < 60; step++) {
        String name = "pod-" + random.nextInt(6);
        if (random.nextInt(4) == 0) {
          all.remove(name);
          followed.put(name, PodEndpoints.NONE);
        } else {
          PodEndpoints now =
              pod(
                  name,
                  "" + random.nextInt(2),
                  "%04d".formatted(step),
                  "10.0.0." + random.nextInt(4));
          all.put(name, now);
          followed.put(name, now);
        }
        if (random.nextBoolean()) {
          followed.handOver(live);
        }
      }
      followed.retain(Set.copyOf(all.keySet()));
      followed.handOver(live);
      Map<String, PodEndpoints> owners = new HashMap<>();
      all.values()
          .forEach(
              pod ->
                  owners.merge(
                      pod.endpoints().getFirst().address(),
                      pod,
                      (a, b) -> a.since().compareTo(b.since()) > 0 ? a : b));
      List<Endpoint> expected = new ArrayList<>();
      owners.values().forEach(pod -> expected.addAll(pod.endpoints()));
      PoolSnapshot now = live.current();
      assertThat(IntStream.range(0, now.size()).mapToObj(now::member).map(EndpointState::endpoint))
          .as("seed " + seed)
          .containsExactlyInAnyOrderElementsOf(expected);
      assertThat(followed.size()).isEqualTo(expected.size());
    }
  }
}
