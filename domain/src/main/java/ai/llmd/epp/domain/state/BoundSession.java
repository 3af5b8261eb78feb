package ai.llmd.epp.domain.state;

import ai.llmd.epp.domain.pool.EndpointId;

/** A session and the endpoint that it is bound to. */
public record BoundSession(SessionKey session, EndpointId endpoint, BindingStamp stamp) {}
