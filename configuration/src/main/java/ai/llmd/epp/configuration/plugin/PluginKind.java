package ai.llmd.epp.configuration.plugin;

import ai.llmd.epp.application.metrics.DataSource;
import ai.llmd.epp.application.metrics.Extractor;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.application.producer.RequestIdentifier;
import ai.llmd.epp.application.producer.RequestProducer;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import ai.llmd.epp.domain.flow.UsageLimitPolicy;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.scheduling.Admitter;
import ai.llmd.epp.domain.scheduling.Decider;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Screener;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a plugin can be, once for the whole program. A plugin may be of several kinds.
 *
 * @param role in the words of the configuration, as in "data source"
 * @param phrase with its article, for messages about a reference to a plugin of another kind
 * @param contract what plugins of this kind implement
 * @param step when they run in the life of a request
 */
public record PluginKind<P extends Plugin>(
    String role, String phrase, Class<P> contract, Step step) {

  /** When plugins run; each step reads the data that the steps before it have made. */
  public enum Step {
    /** Before the admission of a request. */
    RECEPTION,
    /** Before the scheduling of a request. */
    PREPARATION,
    SCHEDULING,
    /** Not on the way of a request. */
    ASIDE
  }

  public static final PluginKind<EndpointDiscovery> DISCOVERY =
      new PluginKind<>(
          "endpoint discovery", "an EndpointDiscovery", EndpointDiscovery.class, Step.ASIDE);

  public static final PluginKind<DataSource> DATA_SOURCE =
      new PluginKind<>("data source", "a data source", DataSource.class, Step.ASIDE);

  public static final PluginKind<Extractor> EXTRACTOR =
      new PluginKind<>("extractor", "an extractor", Extractor.class, Step.ASIDE);

  public static final PluginKind<RequestParser> PARSER =
      new PluginKind<>("request parser", "a parser", RequestParser.class, Step.ASIDE);

  public static final PluginKind<SaturationDetector> SATURATION_DETECTOR =
      new PluginKind<>(
          "saturation detector", "a saturation detector", SaturationDetector.class, Step.ASIDE);

  public static final PluginKind<RequestIdentifier> IDENTIFIER =
      new PluginKind<>(
          "request identifier", "a request identifier", RequestIdentifier.class, Step.ASIDE);

  public static final PluginKind<RequestProducer> REQUEST_PRODUCER =
      new PluginKind<>(
          "request data producer",
          "a request data producer",
          RequestProducer.class,
          Step.RECEPTION);

  public static final PluginKind<Producer> PRODUCER =
      new PluginKind<>("data producer", "a data producer", Producer.class, Step.PREPARATION);

  public static final PluginKind<Screener> SCREENER =
      new PluginKind<>("screener", "a screener", Screener.class, Step.RECEPTION);

  public static final PluginKind<Admitter> ADMITTER =
      new PluginKind<>("admitter", "an admitter", Admitter.class, Step.PREPARATION);

  public static final PluginKind<ProfileHandler> PROFILE_HANDLER =
      new PluginKind<>(
          "profile handler", "a profile handler", ProfileHandler.class, Step.SCHEDULING);

  public static final PluginKind<Decider> DECIDER =
      new PluginKind<>("decider", "a decider", Decider.class, Step.ASIDE);

  public static final PluginKind<Filter> FILTER =
      new PluginKind<>("filter", "a filter", Filter.class, Step.SCHEDULING);

  public static final PluginKind<Scorer> SCORER =
      new PluginKind<>("scorer", "a scorer", Scorer.class, Step.SCHEDULING);

  public static final PluginKind<Picker> PICKER =
      new PluginKind<>("picker", "a picker", Picker.class, Step.SCHEDULING);

  public static final PluginKind<PreRequest> PRE_REQUEST =
      new PluginKind<>("pre-request", "a pre-request plugin", PreRequest.class, Step.PREPARATION);

  public static final PluginKind<OrderingPolicy> ORDERING_POLICY =
      new PluginKind<>("ordering policy", "an ordering policy", OrderingPolicy.class, Step.ASIDE);

  public static final PluginKind<FairnessPolicy> FAIRNESS_POLICY =
      new PluginKind<>("fairness policy", "a fairness policy", FairnessPolicy.class, Step.ASIDE);

  public static final PluginKind<UsageLimitPolicy> USAGE_LIMIT_POLICY =
      new PluginKind<>(
          "usage limit policy", "a usage limit policy", UsageLimitPolicy.class, Step.ASIDE);

  private static final List<PluginKind<?>> ALL =
      List.of(
          DISCOVERY,
          DATA_SOURCE,
          EXTRACTOR,
          PARSER,
          SATURATION_DETECTOR,
          IDENTIFIER,
          REQUEST_PRODUCER,
          PRODUCER,
          SCREENER,
          ADMITTER,
          PROFILE_HANDLER,
          DECIDER,
          FILTER,
          SCORER,
          PICKER,
          PRE_REQUEST,
          ORDERING_POLICY,
          FAIRNESS_POLICY,
          USAGE_LIMIT_POLICY);

  public boolean includes(Plugin plugin) {
    return contract.isInstance(plugin);
  }

  /** All roles of a plugin, separated by commas. */
  public static String rolesOf(Plugin plugin) {
    String roles =
        ALL.stream()
            .filter(kind -> kind.includes(plugin))
            .map(PluginKind::role)
            .collect(Collectors.joining(", "));
    return roles.isEmpty() ? "no role in this version" : roles;
  }

  /** The first step at which a plugin runs. */
  public static Step firstStepOf(Plugin plugin) {
    return ALL.stream()
        .filter(kind -> kind.includes(plugin))
        .map(PluginKind::step)
        .min(Step::compareTo)
        .orElse(Step.ASIDE);
  }
}
