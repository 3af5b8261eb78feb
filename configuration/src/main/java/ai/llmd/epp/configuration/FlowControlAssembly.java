package ai.llmd.epp.configuration;

import ai.llmd.epp.commandline.GoDuration;
import ai.llmd.epp.configuration.ConfigurationFile.FlowControl;
import ai.llmd.epp.configuration.ConfigurationFile.PriorityBand;
import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.flow.BandSettings;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import ai.llmd.epp.domain.flow.UsageLimitPolicy;
import ai.llmd.epp.domain.flow.fairness.GlobalStrictFairness;
import ai.llmd.epp.domain.flow.limit.StaticUsageLimit;
import ai.llmd.epp.domain.flow.ordering.FcfsOrdering;
import ai.llmd.epp.yaml.Amount;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads section {@code flowControl} for a program whose feature gate is on. */
final class FlowControlAssembly {

  private static final Duration DEFAULT_TTL = Duration.ofSeconds(60);
  private static final String SECTION = "flowControl";

  private final FlowControl written;
  private final Instances instances;
  private final Problems problems;

  FlowControlAssembly(@Nullable FlowControl written, Instances instances, Problems problems) {
    this.written = written == null ? FlowControl.NONE : written;
    this.instances = instances;
    this.problems = problems;
  }

  /** The settings, or null after mistakes have been reported. */
  @Nullable FlowSettings settings() {
    int before = problems.count();
    long ttl = nanos("defaultRequestTTL", written.spot(), written.defaultRequestTTL(), DEFAULT_TTL);
    long withoutEndpoints =
        nanos(
            "noEndpointRequestTTL",
            written.spot(),
            written.noEndpointRequestTTL(),
            written.defaultRequestTTL() == null ? DEFAULT_TTL : written.defaultRequestTTL());
    @Nullable Named<UsageLimitPolicy> limit =
        refer(
            written.usageLimitPolicyPluginRef(),
            StaticUsageLimit.TYPE.name(),
            PluginKind.USAGE_LIMIT_POLICY);
    @Nullable BandSettings other = band(written.defaultPriorityBand(), ttl);
    @Nullable BandSettings otherNegative =
        written.defaultNegativePriorityBand() == null
            ? other
            : band(written.defaultNegativePriorityBand(), ttl);
    Map<Integer, BandSettings> bands = bands(ttl);
    long maxRequests = amount("maxRequests", written.spot(), written.maxRequests(), 0);
    long maxBytes = amount("maxBytes", written.spot(), written.maxBytes(), 0);
    if (limit == null || other == null || otherNegative == null || problems.count() > before) {
      return null;
    }
    bands.putIfAbsent(0, other);
    return new FlowSettings(
        maxRequests, maxBytes, withoutEndpoints, limit, bands, other, otherNegative);
  }

  private Map<Integer, BandSettings> bands(long ttl) {
    Map<Integer, BandSettings> bands = new HashMap<>();
    for (PriorityBand band : written.priorityBands()) {
      BandSettings read = band(band, ttl);
      if (read != null && bands.put(band.priority(), read) != null) {
        problems.add(band.spot(), "another band has priority %d".formatted(band.priority()));
      }
    }
    return bands;
  }

  private @Nullable BandSettings band(@Nullable PriorityBand band, long ttl) {
    PriorityBand read = band == null ? FlowControl.NO_BAND : band;
    long requests =
        amount("maxRequests", read.spot(), read.maxRequests(), BandSettings.DEFAULT_MAX_REQUESTS);
    long bytes = amount("maxBytes", read.spot(), read.maxBytes(), BandSettings.DEFAULT_MAX_BYTES);
    long ownTtl =
        read.defaultRequestTTL() == null
            ? ttl
            : nanos("defaultRequestTTL", read.spot(), read.defaultRequestTTL(), DEFAULT_TTL);
    @Nullable Named<FairnessPolicy> fairness =
        refer(
            read.fairnessPolicyRef(), GlobalStrictFairness.TYPE.name(), PluginKind.FAIRNESS_POLICY);
    @Nullable Named<OrderingPolicy> ordering =
        refer(read.orderingPolicyRef(), FcfsOrdering.TYPE.name(), PluginKind.ORDERING_POLICY);
    return fairness == null || ordering == null
        ? null
        : new BandSettings(requests, bytes, ownTtl, fairness, ordering);
  }

  private <P extends Plugin> @Nullable Named<P> refer(
      LocatedText reference, String otherwise, PluginKind<P> kind) {
    return instances.refer(reference.or(otherwise), kind);
  }

  /** A limit; what is absent or 0 is the default. */
  private long amount(String field, SourceLocation spot, @Nullable Amount amount, long otherwise) {
    long value = amount == null ? 0 : amount.value();
    if (value < 0) {
      problems.add(at(spot, field), "must be 0 or more, was " + value);
    }
    return value == 0 ? otherwise : value;
  }

  private long nanos(
      String field, SourceLocation spot, @Nullable Duration written, Duration otherwise) {
    Duration value = written == null ? otherwise : written;
    if (value.isNegative()) {
      problems.add(at(spot, field), "must be 0 or more, was " + GoDuration.format(value));
      return 0;
    }
    return value.toNanos();
  }

  private static SourceLocation at(SourceLocation spot, String field) {
    SourceLocation section =
        spot.path().isEmpty() ? new SourceLocation(spot.line(), spot.column(), SECTION) : spot;
    return section.field(field);
  }
}
