import CLinux

/// Redirects all that arrives at one network interface to another one, past the host's network stack
/// (tc-mirred(8)).
enum TrafficRedirection {
    /// Where packets are that have arrived, in the words of tc(8): `ingress`.
    private static let handle: UInt32 = 0xFFFF_0000
    /// As `ingress` for both of the disciplines that have it, `ingress` and `clsact`.
    private static let parent: UInt32 = 0xFFFF_FFF2
    /// What tells our rule from those of others, which come before it if their number is lower.
    private static let priority: UInt32 = 0x7069

    /// A former redirection of the first interface's ends.
    ///
    /// - Parameters: the interfaces' indices.
    static func redirect(from first: Int32, to second: Int32) throws(Errno) {
        let netlink = try Netlink()
        try addIngress(first, netlink)
        // Of a former tender, whose tap is no more. Most often there is none.
        try? netlink.change(NetlinkMessage(RTM_DELTFILTER, rules(of: first)))
        try netlink.change(
            NetlinkMessage(
                RTM_NEWTFILTER, rules(of: first), NetlinkAttribute(TCA_KIND, text: "u32"),
                NetlinkAttribute(
                    TCA_OPTIONS, NetlinkAttribute(TCA_U32_SEL, everything),
                    NetlinkAttribute(
                        TCA_U32_ACT,
                        // The first action, and the only one.
                        NetlinkAttribute(
                            1, NetlinkAttribute(TCA_ACT_KIND, text: "mirred"),
                            NetlinkAttribute(
                                TCA_ACT_OPTIONS,
                                NetlinkAttribute(TCA_MIRRED_PARMS, bytesOf(leaving(second)))))))),
            flags: NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Makes room for rules on what arrives.
    private static func addIngress(
        _ interface: Int32, _ netlink: borrowing Netlink
    ) throws(Errno) {
        do throws(Errno) {
            try netlink.change(
                NetlinkMessage(
                    RTM_NEWQDISC, message(interface, handle: handle, parent: 0xFFFF_FFF1),
                    NetlinkAttribute(TCA_KIND, text: "ingress")),
                flags: NLM_F_CREATE | NLM_F_EXCL)
        } catch {
            // There is some.
            if error.code != EEXIST { throw error }
        }
    }

    private static func message(
        _ interface: Int32, handle: UInt32 = 0, parent: UInt32, info: UInt32 = 0
    ) -> tcmsg {
        tcmsg(
            tcm_family: 0, tcm__pad1: 0, tcm__pad2: 0, tcm_ifindex: interface, tcm_handle: handle,
            tcm_parent: parent, tcm_info: info)
    }

    /// Our rules, for packets of any protocol.
    private static func rules(of interface: Int32) -> tcmsg {
        let protocols = UInt32(UInt16(ETH_P_ALL).bigEndian)
        return message(interface, parent: parent, info: priority << 16 | protocols)
    }

    /// A selector, a `tc_u32_sel`, with one key that every packet has: none of its bits matter.
    private static let everything: [UInt8] =
        [UInt8(TC_U32_TERMINAL), 0, 1] + [UInt8](repeating: 0, count: 13 + 16)

    /// The action that has a packet leave by an interface, instead of going on.
    private static func leaving(_ interface: Int32) -> tc_mirred {
        var action = tc_mirred()
        action.action = TC_ACT_STOLEN
        action.eaction = TCA_EGRESS_REDIR
        action.ifindex = UInt32(bitPattern: interface)
        return action
    }
}
