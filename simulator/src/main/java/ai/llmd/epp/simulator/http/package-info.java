/**
 * The HTTP shell around an engine. Everything of one server happens on one event loop: its sockets,
 * its engine and its alarms, so nothing here takes a lock. Several servers may share a loop.
 */
@NullMarked
package ai.llmd.epp.simulator.http;

import org.jspecify.annotations.NullMarked;
