/**
 * `vlan [id]`: 802.1Q, 802.1ad or the QinQ type of before the standard; the tag is four bytes.
 *
 * A Linux device may hand over the outermost tag as metadata. Only when a packet is there is it known whether the tag is in
 * its bytes, so the offsets behind it get a variable part, 0 or 4, in scratch memory.
 */
import {FilterError} from '../error.js';
import * as op from '../opcode.js';
import {and, type Condition, firstTest, or, type Statement, statement, type Test, test} from './ir.js';
import * as link from './link.js';
import {description} from './link-names.js';
import {hasType} from './linktype.js';
import {compare} from './load.js';
import * as number from './numbers.js';
import {type Offset, type State, takeRegister} from './state.js';

const TAG_LENGTH = 4;

export function vlan(state: State, id: number | undefined): Condition {
  if (state.labels > 0) throw new FilterError('no VLAN match after MPLS');
  if (state.linktype !== link.ETHERNET) {
    throw new FilterError(`no VLAN support for ${description(state.linktype)}`);
  }
  const {linkHeader, settings} = state;
  const isOutermost = state.tags === 0 && !linkHeader.isVariable && linkHeader.constant === 0;
  const condition = settings.vlanMetadata && isOutermost ? inMetadataOrPacket(state, id) : inPacket(state, id);
  state.tags++;
  return condition;
}

function inPacket(state: State, id: number | undefined): Condition {
  const isTagged = hasTagType(state);
  const condition = id === undefined ? isTagged : and(isTagged, hasId(state, id));
  state.payload.constant += TAG_LENGTH;
  state.linkType.constant += TAG_LENGTH;
  return condition;
}

function hasTagType(state: State): Condition {
  const is8021 = or(hasType(state, number.ETHERTYPE_8021Q), hasType(state, number.ETHERTYPE_8021AD));
  return or(is8021, hasType(state, number.ETHERTYPE_QINQ));
}

function hasId(state: State, id: number): Test {
  if (id > 0xfff) throw new FilterError(`VLAN tag ${id} greater than maximum ${0xfff}`);
  return compare(state, 'network', 0, op.SIZE_H, id, 0xfff);
}

const loadMetadata = (at: number) => statement(op.LD_ABS | op.SIZE_B, at);

/** The offsets are moved before the packet's own type is tested, which is loaded from where it was. */
function inMetadataOrPacket(state: State, id: number | undefined): Condition {
  const isInMetadata = test([loadMetadata(op.ANCILLARY_VLAN_PRESENT)], op.JEQ, 1);
  const isInPacket = hasTagType(state);
  const isId = id === undefined ? undefined : hasId(state, id);
  const first = firstTest(isInPacket);
  state.hasVlanOffsets = true;
  first.statements = [
    ...moveBehindTag(state, state.payload),
    ...moveBehindTag(state, state.linkType),
    ...first.statements,
  ];
  const isTagged = or(isInMetadata, isInPacket);
  if (isId === undefined) return isTagged;
  isId.statements = loadIdFromEither(isId.statements);
  return and(isTagged, isId);
}

function moveBehindTag(state: State, offset: Offset): Statement[] {
  offset.isVariable = true;
  if (offset.register < 0) offset.register = takeRegister(state);
  return [
    statement(op.LD_MEM, offset.register),
    statement(op.ALU_K | op.ADD, TAG_LENGTH),
    statement(op.ST, offset.register),
  ];
}

/** `fromPacket`: the load of the tag, and the mask, which also holds for a tag from the metadata. */
function loadIdFromEither(fromPacket: Statement[]): Statement[] {
  const fromMetadata = loadMetadata(op.ANCILLARY_VLAN_TCI);
  const isPresent: Statement = {...statement(op.JEQ, 1), jt: fromMetadata, jf: fromPacket[0]!};
  const skipLoad = statement(op.JA, fromPacket.length - 1);
  return [loadMetadata(op.ANCILLARY_VLAN_PRESENT), isPresent, fromMetadata, skipLoad, ...fromPacket];
}

/** At the beginning of the program the variable parts, if there are some, are 0: those that are in use at its end. */
export function prepareVlanOffsets(state: State, condition: Condition): void {
  if (!state.hasVlanOffsets) return;
  const {payload, linkType} = state;
  const first = firstTest(condition);
  const zero = [statement(op.LD_IMM, 0), statement(op.ST, payload.register), statement(op.ST, linkType.register)];
  first.statements = [...zero, ...first.statements];
}
