package ai.llmd.epp.application;

import ai.llmd.epp.domain.routing.RoutingDecision.Reason;

/**
 * Why a request does not go on.
 *
 * @param detail a sentence for client and operator, without anything of the prompt
 */
record Refusal(Reason reason, String detail) {}
