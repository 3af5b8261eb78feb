package ai.llmd.epp.adapter.k8s;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A Lease object as one candidate reads and writes it. Every call may throw and takes a call. */
final class LeaseRecord {

  private final KubernetesClient client;
  private final String namespace;
  private final String name;
  private final String identity;
  private final InstantSource wallClock;

  /**
   * @param identity distinguishes this candidate from all others
   * @param wallClock for the times that people read; nothing is decided by them
   */
  LeaseRecord(
      KubernetesClient client,
      String namespace,
      String name,
      String identity,
      InstantSource wallClock) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
    this.identity = identity;
    this.wallClock = wallClock;
  }

  Optional<Lease> read() {
    return Optional.ofNullable(client.leases().inNamespace(namespace).withName(name).get());
  }

  /** The holder; empty when there is none. */
  static String holder(Lease lease) {
    LeaseSpec spec = lease.getSpec();
    return spec == null ? "" : Objects.requireNonNullElse(spec.getHolderIdentity(), "");
  }

  boolean isMine(Lease lease) {
    return holder(lease).equals(identity);
  }

  /**
   * Takes or renews it.
   *
   * @param found as it was read; null when there was none
   * @return false when another candidate was quicker
   */
  boolean write(@Nullable Lease found, Duration duration) {
    ZonedDateTime now = now();
    boolean isRenewal = found != null && isMine(found);
    LeaseSpec before = found == null ? null : found.getSpec();
    int transitions =
        before == null ? 0 : Objects.requireNonNullElse(before.getLeaseTransitions(), 0);
    LeaseSpec spec = new LeaseSpec();
    spec.setHolderIdentity(identity);
    spec.setLeaseDurationSeconds(Math.toIntExact(Math.max(1, duration.toSeconds())));
    spec.setAcquireTime(isRenewal && before != null ? before.getAcquireTime() : now);
    spec.setRenewTime(now);
    spec.setLeaseTransitions(found == null || isRenewal ? transitions : transitions + 1);
    return isAccepted(found, spec);
  }

  /** Lets go of it, so that another need not wait. */
  void release(Lease held) {
    LeaseSpec spec = new LeaseSpec();
    spec.setHolderIdentity("");
    spec.setLeaseDurationSeconds(1);
    spec.setAcquireTime(now());
    spec.setRenewTime(now());
    spec.setLeaseTransitions(held.getSpec().getLeaseTransitions());
    isAccepted(held, spec);
  }

  private boolean isAccepted(@Nullable Lease found, LeaseSpec spec) {
    try {
      if (found == null) {
        var lease =
            new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withSpec(spec)
                .build();
        client.leases().inNamespace(namespace).resource(lease).create();
      } else {
        var lease = new LeaseBuilder(found).withSpec(spec).build();
        client
            .leases()
            .inNamespace(namespace)
            .resource(lease)
            .lockResourceVersion(found.getMetadata().getResourceVersion())
            .update();
      }
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return false;
      }
      throw e;
    }
  }

  private ZonedDateTime now() {
    return wallClock.instant().truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
  }
}
