package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.saturation.SaturationDetector;

/**
 * What flow control is to do, as a configuration has it.
 *
 * @param detector how full the pool is
 * @param isEvicting whether running requests are given up for more important ones
 * @param graceNanos how long it takes until the saturation shows that a request has ended
 */
public record FlowRules(
    FlowSettings settings,
    Named<SaturationDetector> detector,
    boolean isEvicting,
    long graceNanos) {}
