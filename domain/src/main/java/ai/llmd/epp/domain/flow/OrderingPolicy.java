package ai.llmd.epp.domain.flow;

import ai.llmd.epp.domain.catalogue.Plugin;
import java.util.Comparator;

/**
 * The order of requests within a flow; some fairness policies compare flows by it, too. It must not
 * change while a request waits. Where it sees no difference, the one that came first is first.
 */
public interface OrderingPolicy extends Plugin, Comparator<QueuedRequest> {}
