/**
 * Gateways and readers that misbehave, against the real program: it stays in its memory and serves
 * others.
 */
@NullMarked
package ai.llmd.epp.acceptance.attack;

import org.jspecify.annotations.NullMarked;
