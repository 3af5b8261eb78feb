package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.RequestIds;
import ai.llmd.epp.adapter.extproc.body.ParserRegistry;
import ai.llmd.epp.adapter.extproc.body.ResponseModelMapper;
import ai.llmd.epp.adapter.telemetry.meter.MeteredRouting;
import ai.llmd.epp.application.Admission;
import ai.llmd.epp.application.CandidateLocator;
import ai.llmd.epp.application.DecisionRing;
import ai.llmd.epp.application.IdentifierChain;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.PreRequestChain;
import ai.llmd.epp.application.ProducerChain;
import ai.llmd.epp.application.RecordedRouting;
import ai.llmd.epp.application.ResponseFollower;
import ai.llmd.epp.application.RoutingService;
import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.bootstrap.cli.Options;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.domain.scheduling.Scheduler;
import java.util.concurrent.ThreadLocalRandom;

/** Puts together what serves the requests of one configuration, at the start and ever after. */
record Wiring(
    Options options,
    Foundation foundation,
    LivePool pool,
    Replication replication,
    KeptObjects objects,
    DecisionRing decisions) {

  /**
   * The parts for every stream of a configuration.
   *
   * @param requestSeen told of every request; cheap
   */
  ExtProcParts parts(EffectiveConfiguration configuration, Runnable requestSeen) {
    ParserRegistry parsers = ParserRegistry.of(configuration.parsers());
    return new ExtProcParts(
        router(configuration, requestSeen),
        new ResponseFollower(),
        foundation.meters().exchanges,
        parsers::find,
        (served, asked) -> new ResponseModelMapper(served, asked)::map,
        new RequestIds(ThreadLocalRandom::current),
        foundation.nanoClock(),
        ServerSettings.limits(options.limits()),
        options.server().emitsScores(),
        options.server().ignoresSubsetHint());
  }

  /** The use case, and around it those who watch. */
  private RouteRequest router(EffectiveConfiguration configuration, Runnable requestSeen) {
    Meters meters = foundation.meters();
    RouteRequest service =
        new RoutingService(
            pool,
            objects.resolver(foundation.random()),
            new IdentifierChain(configuration.identifiers(), meters.faults, foundation.nanoClock()),
            new CandidateLocator(!options.server().ignoresSubsetHint()),
            new Admission(configuration.saturationDetector().plugin()),
            new ProducerChain(configuration.producers(), meters.faults, foundation.nanoClock()),
            new Scheduler(
                configuration.profiles(),
                meters.metered(configuration.profileHandler()),
                foundation.nanoClock()),
            new PreRequestChain(configuration.preRequests(), meters.faults, foundation.nanoClock()),
            meters.faults,
            foundation.random(),
            foundation.nanoClock());
    RouteRequest recorded =
        new RecordedRouting(service, decisions, System::currentTimeMillis, foundation.nanoClock());
    return new NoticedRouting(new MeteredRouting(recorded, meters.routing), requestSeen);
  }
}
