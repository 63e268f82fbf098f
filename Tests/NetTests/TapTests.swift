#if Net
    import ABI
    import CLinux
    import Tender
    import Testing

    @testable import Linux

    /// Interfaces that are not there, or no taps: no rights needed to be refused.
    @Suite struct NameTests {
        @Test(arguments: ["", "pt-none", "pt-fifteen-byte", "pt%d", "a/b", "a b"])
        func refusesWhatIsNotThere(_ name: String) {
            let error = refusal(["net:eth": name])
            #expect(
                error?.text == "Could not attach interface: \(name): No such file or directory")
            #expect(error?.option?.value == name)
            #expect(error?.hint?.contains("ip tuntap add \(name) mode tap") == true)
        }

        @Test(arguments: ["pt-sixteen-bytes", "a/name/as/long/as/a/path"])
        func refusesWhatIsTooLong(_ name: String) {
            let error = refusal(["net:eth": name])
            #expect(error?.text == "Could not attach interface: \(name): File name too long")
        }
    }

    /// The ways to attach a tap: with and without offloads.
    enum Attachment: CaseIterable {
        case named, plain, inherited, inheritedWithHeaders, inheritedWithHeadersOnly

        func guest(on tap: Tap) throws -> Guest {
            let headers = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR
            return switch self {
            case .named: try Guest(["net:eth": tap.name])
            case .plain: try Guest(["net:eth": tap.name, "net-offload": "off"])
            case .inherited: try Guest(["net:eth": "@\(try tap.open())"])
            case .inheritedWithHeaders: try Guest(["net:eth": "@\(try tap.open(headers))"])
            case .inheritedWithHeadersOnly:
                try Guest(["net:eth": "@\(try tap.open(headers))", "net-offload": "off"])
            }
        }
    }

    // Skipped where no tap can be made, and says why; CI makes them.
    @Suite(.enabled(if: Tap.canBeMade, Comment(rawValue: Tap.condition)))
    struct TapTests {
        init() {
            // As the tender does.
            _ = linux_ignore_signal(SIGPIPE)
        }

        private func text(_ tap: Tap, _ cause: String) -> String {
            "Could not attach interface: \(tap.name): \(cause)"
        }

        // MARK: Refusals

        @Test func refusesWhatIsDown() throws {
            let tap = try Tap("down")
            let error = refusal(["net:eth": tap.name])
            #expect(error?.text == text(tap, "Network is down"))
            #expect(error?.hint == "ip link set \(tap.name) up")
        }

        @Test func refusesWhatIsInUse() throws {
            let tap = try Tap()
            let guest = try Guest(["net:eth": tap.name])
            let error = refusal(["net:eth": tap.name])
            #expect(error?.text == text(tap, "Device or resource busy"))
            #expect(error?.hint == "another process uses it")
            #expect(try guest.write(60) == HVT_RESULT_OK)
        }

        @Test func refusesWhatIsNoTap() throws {
            let tun = try Tap(mode: "tun")
            #expect(refusal(["net:eth": tun.name])?.text == text(tun, "Invalid argument"))
            #expect(
                refusal(["net:eth": "lo"])?.text
                    == "Could not attach interface: lo: Invalid argument")
        }

        /// The kernel takes it for the interface itself when asked whether it is there.
        @Test func refusesAnAlias() throws {
            let tap = try Tap()
            #expect(refusal(["net:eth": "\(tap.name):1"]) != nil)
        }

        @Test func refusesInheritedTapsOfOtherKinds() throws {
            for (mode, flags, cause) in [
                (
                    "tun", IFF_TUN | IFF_NO_PI,
                    "it carries IP packets (IFF_TUN), not frames (IFF_TAP)"
                ),
                ("tap pi", IFF_TAP, "it was opened without IFF_NO_PI"),
            ] {
                let tap = try Tap(mode: mode)
                let number = try tap.open(flags)
                defer { close(number) }
                let error = refusal(["net:eth": "@\(number)"])
                #expect(error?.text == "Could not attach interface: @\(number): \(cause)")
            }
        }

        @Test func refusesAnInheritedTapWhoseInterfaceWasDeleted() throws {
            let tap = try Tap()
            let number = try tap.open()
            defer { close(number) }
            try tap.delete()
            let error = refusal(["net:eth": "@\(number)"])
            #expect(
                error?.text
                    == "Could not attach interface: @\(number): File descriptor in bad state")
        }

        // MARK: What the guest is told

        @Test(arguments: [68, 1500, 9000, 65521] as [UInt16])
        func tellsTheMTU(_ mtu: UInt16) throws {
            let tap = try Tap("mtu \(mtu) up")
            let guest = try Guest(["net:eth": tap.name])
            #expect(guest.launch.devices[1].mtu == mtu)
            #expect(guest.launch.devices[1].isAttached)
            #expect(guest.launch.devices[1].mac[0] & 3 == 2)
            #expect(guest.launch.pollSet.members.map(\.handle) == [1])

            let other = try Tap("mtu \(mtu) up")
            let heir = try Guest(["net:eth": "@\(try other.open())"])
            #expect(heir.launch.devices[1].mtu == mtu)
        }

        /// An interface of the same name here has nothing to do with it.
        @Test func anInheritedTapOfAnotherNetworkNamespace() throws {
            let tap = try Tap("mtu 9000 up")
            let home = try FileDescriptor.open("/proc/thread-self/ns/net", O_RDONLY)
            try #require(unshare(CLONE_NEWNET) == 0)
            let opened = Result { try tap.open() }
            try #require(setns(home.number, CLONE_NEWNET) == 0)
            let guest = try Guest(["net:eth": "@\(try opened.get())"])
            #expect(guest.launch.devices[1].mtu == 1500)
        }

        // MARK: Frames

        @Test(arguments: Attachment.allCases, [1500, 9000])
        func framesGoBothWays(_ attachment: Attachment, _ mtu: Int) throws {
            let tap = try Tap("mtu \(mtu) up")
            try tap.observe()
            let guest = try attachment.guest(on: tap)
            for count in [14, 60, 1514, mtu + 14] {
                try guest.fill(frame(count))
                #expect(try guest.write(UInt64(count)) == HVT_RESULT_OK)
                #expect(tap.receive() == frame(count))
            }
            #expect(try guest.write(UInt64(mtu + 18)) == HVT_RESULT_OK)
            #expect(try guest.write(UInt64(mtu + 19)) == HVT_RESULT_INVALID)
            for count in [60, mtu + 14] {
                #expect(try carry(frame(count, tag: 9), from: tap, to: guest))
            }
        }

        /// Has the host send a frame until the guest gets it: the host drops frames for a while
        /// after an interface has got its carrier.
        private func carry(_ frame: [UInt8], from tap: Tap, to guest: Guest) throws -> Bool {
            for _ in 0..<500 {
                _ = tap.send(frame)
                while true {
                    let answer = try guest.read(10000)
                    guard answer.result == HVT_RESULT_OK else { break }
                    // The host may send others of its own accord.
                    if try guest.bytes(Int(answer.count)) == frame { return true }
                }
                usleep(10_000)
            }
            return false
        }

        @Test func noFramesBeyondTheMTUAndNoneWithoutAChecksum() throws {
            let tap = try Tap()
            // What a previous user may have left behind.
            let previous = try tap.open()
            let all = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6
            #expect(linux_ioctl_value(previous, LINUX_TUNSETOFFLOAD, UInt(all)) == 0)
            #expect(try tap.setting(ETHTOOL_GTXCSUM) != 0)
            close(previous)
            let guest = try attach(["net:eth": tap.name, "net-offload": "off"])
            for setting in [ETHTOOL_GTXCSUM, ETHTOOL_GTSO, ETHTOOL_GGSO, ETHTOOL_GGRO] {
                #expect(try tap.setting(setting) == 0)
            }
            #expect(try guest.write(60) == HVT_RESULT_OK)
        }

        /// Attaches an interface that has just been released: a child that another test is
        /// starting may have a copy of the descriptor for a moment.
        private func attach(_ options: KeyValuePairs<String, String>) throws -> Guest {
            for _ in 0..<500 {
                if let guest = try? Guest(options) { return guest }
                usleep(10_000)
            }
            return try Guest(options)
        }

        // MARK: What happens outside

        @Test func anInterfaceThatGoesDownAndComesUp() throws {
            let tap = try Tap()
            try tap.observe()
            let guest = try Guest(["net:eth": tap.name])
            try guest.fill(frame(60))
            try tap.set("down")
            #expect(try guest.write(60) == HVT_RESULT_OK)
            #expect(try guest.read() == .init(result: HVT_RESULT_AGAIN, count: 2048))
            try tap.set("up")
            try tap.observe()
            #expect(try guest.write(60) == HVT_RESULT_OK)
            #expect(tap.receive() == frame(60))
            #expect(try carry(frame(61), from: tap, to: guest))
        }

        @Test func anInterfaceThatIsDeleted() throws {
            let tap = try Tap()
            let guest = try Guest(["net:eth": tap.name])
            try tap.delete()
            #expect(try guest.write(60) == HVT_RESULT_UNSPECIFIED)
            #expect(try guest.read() == .init(result: HVT_RESULT_UNSPECIFIED, count: 2048))
            // The guest's own mistakes stay its own.
            #expect(try guest.write(13) == HVT_RESULT_INVALID)
            #expect(try guest.read(0) == .init(result: HVT_RESULT_AGAIN, count: 0))
        }

        @Test func anMTUThatChangesStaysAsItWasTold() throws {
            let tap = try Tap("mtu 9000 up")
            try tap.observe()
            let guest = try Guest(["net:eth": tap.name])
            try tap.set("mtu 1500")
            #expect(try guest.write(9014) == HVT_RESULT_OK)
            try guest.fill(frame(1514))
            #expect(try guest.write(1514) == HVT_RESULT_OK)
        }
    }
#endif
