package ai.llmd.epp.application;

import ai.llmd.epp.application.health.CandidateHealth;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.application.producer.RequestProducer;
import ai.llmd.epp.application.stored.AnswerHolders;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.Scheduler;

/**
 * The stages of a routing, in the order in which a request walks through them.
 *
 * @param names finds the model and the priority
 * @param identifiers find out who sent the request
 * @param tenants whose request it is, by what they found out
 * @param requestFacts depend on the request alone; may wait
 * @param admission lets the request in, under the name of its plugin; may wait
 * @param locator freezes the candidates
 * @param gates narrow the candidates before facts are gathered, and turn requests away afterwards
 * @param facts depend on the candidates too; may wait
 * @param health leaves the scheduler those that are worth a request
 * @param holders know which endpoint keeps what a request refers to
 * @param scheduler runs the profiles
 * @param conditionalDecode refuses what asks for a cached prompt and finds none
 * @param preRequests act on the decision
 */
public record RoutingStages(
    NameResolver names,
    IdentifierChain identifiers,
    Tenants tenants,
    ProducerChain<RequestProducer> requestFacts,
    Named<Admission> admission,
    CandidateLocator locator,
    CandidateGates gates,
    ProducerChain<Producer> facts,
    CandidateHealth health,
    AnswerHolders holders,
    Scheduler scheduler,
    ConditionalDecode conditionalDecode,
    PreRequestChain preRequests) {}
