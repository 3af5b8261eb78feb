/** The program: a proxy before a decode server that has prompts computed elsewhere. */
@NullMarked
package ai.llmd.epp.sidecar;

import org.jspecify.annotations.NullMarked;
